"""`stocktake audit`: an audit of a whole cloud for people, for programs and for monitoring."""
