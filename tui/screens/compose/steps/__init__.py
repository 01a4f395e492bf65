"""The steps of a compose wizard, each a pane with its fields."""
