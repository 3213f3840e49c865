"""Given names before a surname: "Ursula Trump" and "Josh Altman" are somebody else.

The list holds common given names of English and German papers; words that also begin a headline (Will, Mark, Bill,
Rob, Sue, Frank …) are left out.
"""

from __future__ import annotations

import re

from riftwatch.watchlist import Entry

GIVEN_NAMES = frozenset(
    """
    Aaron Adam Adrian Aisha Alan Albert Alejandro Alex Alexander Alexandra Alfred Ali Alice Alison Amanda Amelia Amy
    Ana Anastasia Andrea Andreas Andrew Andy Angela Anita Ann Anna Anne Annette Annie Anthony Anton Antonia Antonio Arnold
    Arthur Ashley Astrid Barbara Beate Beatrice Ben Benjamin Bernd Bernhard Bettina Birgit Björn Bob Brandon Brenda Brian
    Bruno Bryan Carl Carla Carlos Carmen Carol Caroline Carolyn Catherine Cecilia Charles Charlotte Chloe Chris Christa
    Christina Christine Christoph Christopher Claire Clara Claudia Claus Colin Connor Constantin Cornelia Craig Cynthia
    Dagmar Daniel Daniela David Deborah Dennis Derek Detlef Diana Diane Diego Dieter Dietmar Dirk Dominik Donna Dora Doris
    Dorothea Dorothy Doug Douglas Dylan Eckhard Eduard Edward Edwin Eleanor Elena Eli Elias Elisabeth Elizabeth Elke Ella
    Ellen Emily Emma Emil Eric Erica Erich Erik Erika Ethan Eva Evelyn Fabian Felix Fiona Florian Frances Francesca
    Francis Frances Francisco Franz Franziska Fred Frederick Friederike Friedrich Fritz Gabriel Gabriele Gary Georg George
    Gerald Gerd Gerhard Gerda Gisela Gloria Gordon Graham Greta Gregor Gudrun Günter Günther Gustav Hanna Hannah Hannelore
    Hans Harald Harold Harry Hedwig Heather Heidi Heike Heiko Heiner Heinrich Heinz Helen Helena Helga Helmut Henriette
    Henry Herbert Hermann Hildegard Holger Howard Hugo Ian Ilse Ina Ines Inge Ingrid Irene Irina Irma Isaac Isabel Isabella
    Ivan Jack Jackie Jacob Jacqueline Jakob James Jan Jana Jane Janet Janine Jason Javier Jean Jeff Jeffrey Jenna Jennifer
    Jens Jeremy Jessica Jim Jimmy Joachim Joan Joanna Jochen Joe Joel Johann Johanna Johannes John Johnny Jonas Jonathan
    Jörg José Josef Joseph Josh Joshua Juan Judith Judy Julia Julian Juliane Julie Jürgen Justin Jutta Karen Karin Karl
    Karla Karsten Katharina Katherine Kathleen Kathrin Kathy Katie Katja Kathryn Keith Kelly Ken Kenneth Kerstin Kevin Kim
    Kirsten Klara Klaus Konrad Konstantin Kristin Kurt Kyle Larry Lars Laura Lauren Lea Lena Leo Leon Leonard Leonie
    Leslie Liam Lidia Linda Lisa Liz Logan Lothar Lorenz Louis Louise Lucas Lucy Ludwig Luis Luisa Luise Lukas Luke Lutz
    Lydia Magdalena Malcolm Manfred Manuel Manuela Marcel Marco Marcus Margaret Margarete Maria Marianne Marie Mario Marion
    Marilyn Marlene Markus Martha Martin Martina Mary Matt Matthew Matthias Maureen Maurice Maximilian Megan Melanie
    Melissa Michael Michaela Michelle Miguel Mike Miriam Mohammed Monika Moritz Nadine Nancy Natalie Natascha Nathan Neil
    Nele Nicholas Nicolas Nicole Nigel Niklas Nils Nina Noah Nora Norbert Olaf Oliver Olivia Oscar Oskar Otto Owen Pamela
    Patricia Patrick Paul Paula Pauline Peggy Penny Peter Petra Philip Philipp Phil Rachel Rainer Ralf Ralph Ramona Raphael
    Raymond Rebecca Regina Reinhard Renate Richard Rita Robert Roberta Roger Roland Rolf Ron Ronald Rosa Rosemarie Roswitha
    Roy Rudolf Rupert Russell Ruth Ryan Sabine Sabrina Samantha Sandra Sara Sarah Scott Sean Sebastian Sharon Sheila
    Shirley Sibylle Siegfried Sigrid Silke Silvia Simon Simone Sofia Sophia Sophie Stefan Stefanie Stella Stephan Stephanie
    Stephen Steve Steven Stuart Susan Susanne Suzanne Sven Svenja Sylvia Tania Tanja Tara Ted Teresa Terry Theo Theodor
    Theresa Thomas Thorsten Tim Timothy Tina Tobias Todd Tom Tony Torsten Tracy Tyler Udo Ulf Ulrich Ulrike Ursula Ute Uwe
    Valentin Valerie Vanessa Vera Verena Veronika Victor Victoria Viktor Vincent Viola Virginia Volker Walter Waltraud
    Wendy Werner Wilfried Wilhelm Wilhelmine William Willi Willy Winfried Wolfgang Yvonne Zachary Zoe
    """.split()  # noqa: SIM905  # a list of quoted words would be three times as long
)
_GIVEN_BEFORE = re.compile(r"(?:^|[^\w-])(?P<given>[A-ZÄÖÜ][\w-]*)(?: [A-Z]\.)? $")
_REACH_CHARS = 40


def given_names(entry: Entry) -> frozenset[str]:
    """Return the actor's own given names; empty for a firm, whose name is not a surname."""
    return frozenset(word for name in (entry.title, *entry.names) for word in name.split()[:-1])


def another_bearer(own: frozenset[str], text: str, start: int, end: int) -> str:
    """Return who else bears the surname at a place, or nothing."""
    before = _GIVEN_BEFORE.search(text[max(0, start - _REACH_CHARS) : start]) if own else None
    if before is None or before["given"] in own or before["given"] not in GIVEN_NAMES:
        return ""
    return before[0].strip(" \t\n\"'„“«»(,;:–—") + " " + text[start:end]
