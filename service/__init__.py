"""Everything that touches the world: database, web, command line, jobs, documents."""
