"""Planning: dividing communities into grids anew — propose, redraw, compare, approve, put in force, take back."""
