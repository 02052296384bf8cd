"""The parts of the README that are made from the code: one module makes each, and `python -m docs` writes them all."""
