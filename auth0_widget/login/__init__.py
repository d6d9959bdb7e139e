"""One login of one application, from the first click to the logout. Nothing here knows Jupyter."""
