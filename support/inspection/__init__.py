"""A whole cloud from outside: the audit, the doctor, and what features need."""
