"""The page and the command line: rendering and wiring only."""
