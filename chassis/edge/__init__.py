"""The edge: the HTTP app, who may come in, and how a repeated request stays one command."""
