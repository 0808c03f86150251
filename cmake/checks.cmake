# The checks of tools/, registered as tests.
