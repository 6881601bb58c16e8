// Stencils
