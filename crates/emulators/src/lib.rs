//! Stand-ins for vendors that cannot be reached from a test: each speaks its vendor's protocol, with faults on command.
