"""Importers of published knowledge, for use on a hospital's own machine."""
