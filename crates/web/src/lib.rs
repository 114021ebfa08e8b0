//! The web pages as files in the program.
