"""A page of fresh news, labelled blind by readers who saw no answer of the models."""
