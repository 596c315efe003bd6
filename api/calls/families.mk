# One line a family, by name.
