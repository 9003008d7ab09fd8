"""genomeward: clinical decision support for personalised medicine."""

__version__ = "0.1.0"
