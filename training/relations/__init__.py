"""The relation corpus: verb frames and templates, hand-written sentences, and the generator that joins them."""
