"""The rules of the audit: each finds what breaks it in a snapshot, or says what it cannot judge."""
