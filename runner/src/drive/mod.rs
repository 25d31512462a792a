//! What makes the program work: requests over connections of our own, and stubs for the services it calls.
