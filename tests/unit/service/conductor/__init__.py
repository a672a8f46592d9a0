

"""Tests of the conductor."""
