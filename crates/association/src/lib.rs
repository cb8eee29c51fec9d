//! The pure core of device association: request, checks, plan, steps and what follows what.
