//! Random schedules over the real consumer: several instances of it, each moved from one fault point to the next by hand, while
//! messages are doubled, lost and late, time passes, clocks go apart, the database and Rev fail, and instances die.
//!
//! Everything comes out of one number, the seed ([`plan::Plan::drawn`]). Only one instance moves at a time, the clocks of the
//! database, of Rev and of the queue stand still unless the schedule moves them, and the instances' own clocks are moved with
//! them. So a seed is always the same plan, and nearly always the same run (57 of 60 seeds): the order in which two answers of Rev are
//! read is the machine's, so is whether a pool has heard already that its connection was cut, and a pause before a repetition
//! (200 ms) and the time-out of a database that says nothing are real time. What was done, in order, is told with every failure.

pub mod conductor;
pub mod instance;
pub mod plan;
pub mod promises;
pub mod stage;
