"""What is sold and how it comes: a wing whose rooms have their layers in `pyproject.toml`."""
