"""How everything looks: the names of styles, themes that give each its look, signs for terminals without them."""
