"""Pages and API, one file per subject; each lists its routes, this package joins them."""
