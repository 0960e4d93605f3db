"""The implementation of the steps: operations that wait until they have really ended, and claims with their waits."""
