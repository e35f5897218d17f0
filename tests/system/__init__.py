"""Everything real: the command line, the embedded servers, the services, an outsider."""
