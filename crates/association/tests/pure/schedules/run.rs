//! Runs a schedule: the rows, Rev, the messages and the workers, one event after the other; and then quiet, in which every change
//! has to end.

use std::sync::LazyLock;

use association::{change_request::ChangeRequest, follow::Opened, steps::Step};

use super::{
    at_rev::Rev,
    event::{CHANGES, Event, Fate, Reaches, Schedule, WORKERS},
    promises::{Broken, Tally},
    rows::{Fact, Record, Row},
    rules::Rules,
    worker::{Held, State, heard},
};

static REQUEST: LazyLock<ChangeRequest> = LazyLock::new(crate::a_line_is_opened_once::request);

/// A message that somebody holds is hidden for so long.
const VISIBILITY: i64 = 720;
/// Quiet turns of 30 s until every change must have ended: a change may have waited up to 15 minutes for its next try, and needs
/// two calls and four look-ups at the most.
const QUIET_TURNS: usize = 90;

#[derive(Debug)]
struct Message {
    id: u64,
    chunk: usize,
    visible_at: i64,
}

#[derive(Debug, Clone)]
enum Write {
    Facts(Vec<Fact>),
    Records(Vec<Record>),
}

/// All there is.
pub(super) struct World {
    rules: Rules,
    pub(super) now: i64,
    apart: [i64; WORKERS],
    pub(super) rows: Vec<Row>,
    pub(super) taken: [bool; CHANGES],
    pub(super) uncertain: [bool; CHANGES],
    pub(super) rev: Rev,
    messages: Vec<Message>,
    numbers: u64,
    workers: [Option<Held>; WORKERS],
    on_their_way: Vec<Write>,
    pub(super) broken: Vec<(usize, Broken)>,
    pub(super) tally: Tally,
}

impl World {
    /// Runs a schedule and the quiet after it.
    pub(super) fn run(schedule: &Schedule, rules: Rules) -> Self {
        let mut world = Self::new(schedule, rules);
        for event in &schedule.events {
            world.happens(*event);
            world.look();
        }
        world.quiet();
        world.look_back();
        world
    }

    fn new(schedule: &Schedule, rules: Rules) -> Self {
        let mut rev = Rev::default();
        for (change, there) in schedule.lines_before.iter().enumerate() {
            if *there {
                rev.had(change, schedule.foreign[change]);
            }
        }
        let rows = schedule.foreign.iter().enumerate();
        let mut world = Self {
            rules,
            now: 0,
            apart: schedule.apart,
            rows: rows
                .map(|(change, foreign)| Row::new(change / 3, *foreign))
                .collect(),
            taken: [false; CHANGES],
            uncertain: [false; CHANGES],
            rev,
            messages: Vec::new(),
            numbers: 0,
            workers: [const { None }; WORKERS],
            on_their_way: Vec::new(),
            broken: Vec::new(),
            tally: Tally::default(),
        };
        for chunk in 0..=(CHANGES - 1) / 3 {
            world.send(chunk, 0);
        }
        world
    }

    fn send(&mut self, chunk: usize, delay: i64) {
        self.numbers += 1;
        self.messages.push(Message {
            id: self.numbers,
            chunk,
            visible_at: self.now + delay,
        });
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Works {
                worker,
                message,
                fate,
                reaches,
            } => {
                self.works(worker, message, fate, reaches);
            }
            Event::Dies { worker } => self.workers[worker] = None,
            Event::Arrives { write } => {
                if !self.on_their_way.is_empty() {
                    let write = self.on_their_way.remove(write % self.on_their_way.len());
                    self.write(&write);
                }
            }
            Event::Passes { seconds } => self.now += seconds,
            Event::Sweeps => self.sweep(),
            Event::Doubles { message } => {
                if let Some(message) = nth(&mut self.messages, message) {
                    let (chunk, delay) = (message.chunk, message.visible_at - self.now);
                    self.send(chunk, delay.clamp(0, 60));
                }
            }
            Event::Loses { message } => {
                if !self.messages.is_empty() {
                    self.messages.remove(message % self.messages.len());
                }
            }
            Event::Hurries { message } => {
                let now = self.now;
                if let Some(message) = nth(&mut self.messages, message) {
                    message.visible_at = now;
                }
            }
            Event::IsTaken { change } => {
                if let Some(taken) = self.taken.get_mut(change) {
                    *taken = true;
                }
            }
        }
    }

    /// The next thing that a worker does; false when it has nothing to do.
    fn works(&mut self, worker: usize, message: usize, fate: Fate, reaches: Reaches) -> bool {
        let Some(mut held) = self.workers[worker].take() else {
            return self.takes(worker, message, reaches);
        };
        let next = held
            .tasks
            .iter()
            .position(|task| matches!(task.state, State::ToOpen | State::ToLookUp));
        if let Some(place) = next {
            self.begins(worker, &mut held, place, fate);
        } else if let Some(place) = held
            .tasks
            .iter()
            .position(|task| matches!(task.state, State::Opening(_) | State::Looking(_)))
        {
            self.hears(&mut held, place);
        } else if !held.facts_written || !held.records.is_empty() {
            let write = if held.facts_written {
                Write::Records(held.records.clone())
            } else {
                Write::Facts(held.facts.clone())
            };
            match self.reaches(&write, reaches) {
                None => {
                    self.give_back(&held);
                    return true;
                }
                Some(false) => {}
                Some(true) if held.facts_written => held.records.clear(),
                Some(true) => {
                    held.facts_written = true;
                    // A second line is never recorded as the change's.
                    held.records
                        .retain(|record| !self.rows[record.change].review);
                }
            }
        } else {
            self.finishes(&held);
            return true;
        }
        self.workers[worker] = Some(held);
        true
    }

    /// Takes a message that can be received, and claims.
    fn takes(&mut self, worker: usize, message: usize, reaches: Reaches) -> bool {
        let now = self.now;
        let due = |message: &&mut Message| message.visible_at <= now;
        let count = self.messages.iter_mut().filter(due).count();
        let place = message.checked_rem(count);
        let Some(message) = place.and_then(|n| self.messages.iter_mut().filter(due).nth(n)) else {
            return false;
        };
        message.visible_at = now + VISIBILITY;
        let mut held = Held::new(message.id, message.chunk, now + self.apart[worker]);
        if matches!(reaches, Reaches::Lost | Reaches::GivenUp) {
            self.give_back(&held);
            return true;
        }
        for change in 0..CHANGES {
            if self.rows[change].chunk != held.chunk {
                continue;
            }
            if let Some(row) = self.rows[change].claim(change, worker, now, self.rules) {
                self.uncertain[change] |= row.earlier_intent;
                held.add(row, self.taken[change], &REQUEST, self.rules);
            }
        }
        if matches!(reaches, Reaches::Through) {
            self.workers[worker] = Some(held);
        } else {
            self.give_back(&held);
        }
        true
    }

    fn begins(&mut self, worker: usize, held: &mut Held, place: usize, fate: Fate) {
        let task = held.tasks[place].clone();
        let (row, change) = (task.row, task.row.change);
        let own_now = self.now + self.apart[worker];
        let may = held.may_call(&task, own_now, self.rules);
        let state = match (&task.state, may) {
            (State::ToOpen, true) => {
                self.look_at_call(worker, change, row.fence, fate);
                let lease_end = self.rows[change]
                    .lease
                    .map_or(self.now, |lease| lease.until);
                let line = self
                    .rev
                    .open(change, fate, self.now, lease_end.min(row.lease_until));
                State::Opening(heard(fate, line))
            }
            (State::ToOpen, false) => State::Opening(Opened::NotSent {
                error: "no call slot in time".to_owned(),
                again_in: std::time::Duration::ZERO,
                account: true,
            }),
            (_, true) if matches!(fate, Fate::Answered | Fate::ShownLate(_) | Fate::Done(_)) => {
                let found = self.rev.look_up(change, row.unknowns == 0, self.now);
                State::Looking(Some(found))
            }
            (_, true) if fate == Fate::Refused => State::Looking(Some(
                association::follow::LookedUp::Refused("no".to_owned()),
            )),
            _ => State::Looking(None),
        };
        held.tasks[place].state = state;
    }

    fn hears(&mut self, held: &mut Held, place: usize) {
        let task = held.tasks[place].clone();
        held.tasks[place].state = State::Settled;
        match &task.state {
            State::Opening(opened) => {
                let change = task.row.change;
                self.uncertain[change] |= matches!(opened, Opened::Unknown(_));
                self.tally.opened += usize::from(matches!(opened, Opened::Line(_)));
                held.opened(task.row, opened.clone(), self.rules);
            }
            State::Looking(found) => {
                let ours = matches!(found, Some(association::follow::LookedUp::Ours(_)));
                self.tally.adopted += usize::from(ours);
                held.looked_up(&task, found.as_ref(), &REQUEST, self.rules);
            }
            State::ToOpen | State::ToLookUp | State::Settled => {}
        }
    }

    /// Whether the worker knows that it is written; nothing when it gives up.
    fn reaches(&mut self, write: &Write, reaches: Reaches) -> Option<bool> {
        match reaches {
            Reaches::Through => self.write(write),
            Reaches::Unheard => {
                self.write(write);
                return Some(false);
            }
            Reaches::Lost => return Some(false),
            Reaches::OnItsWay => {
                self.on_their_way.push(write.clone());
                return Some(false);
            }
            Reaches::GivenUp => return None,
        }
        Some(true)
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Facts(facts) => {
                for fact in facts {
                    let row = &mut self.rows[fact.change];
                    self.tally.stale += usize::from(row.fence != fact.fence);
                    let before = row.step;
                    row.fact(*fact, self.now, self.rules);
                    let sent_again = before == Step::Settle && row.step == Step::OpenLine;
                    self.tally.sent_again += usize::from(sent_again);
                }
            }
            Write::Records(records) => {
                for record in records {
                    let taken = self.taken[record.change];
                    self.rows[record.change].record(*record, taken, self.rules);
                }
            }
        }
    }

    /// The message comes back later.
    fn give_back(&mut self, held: &Held) {
        let now = self.now;
        if let Some(message) = self
            .messages
            .iter_mut()
            .find(|message| message.id == held.message)
        {
            message.visible_at = now + 20;
        }
    }

    /// The rest of the chunk is offered for when it is due, and the message is done with.
    fn finishes(&mut self, held: &Held) {
        let now = self.now;
        let chunk = self.rows.iter_mut().filter(|row| row.chunk == held.chunk);
        let due = chunk.filter_map(|row| row.due(now)).min();
        if let Some(due) = due {
            self.send(held.chunk, (due - now).clamp(5, 900));
        }
        self.messages.retain(|message| message.id != held.message);
    }

    fn sweep(&mut self) {
        let now = self.now;
        let mut chunks: Vec<usize> = Vec::new();
        for row in &mut self.rows {
            if row.sweep(now) {
                chunks.push(row.chunk);
            }
        }
        chunks.dedup();
        for chunk in chunks {
            self.send(chunk, 0);
        }
    }

    /// Nothing goes wrong any more: every call is answered, every write arrives, and the sweep comes.
    fn quiet(&mut self) {
        for _ in 0..QUIET_TURNS {
            if self.rows.iter().all(|row| !row.is_open()) && self.on_their_way.is_empty() {
                break;
            }
            self.sweep();
            // What was on its way arrives at last, also after everything has ended.
            for write in std::mem::take(&mut self.on_their_way) {
                self.write(&write);
            }
            // Until all of them wait.
            while (0..WORKERS).any(|worker| self.works(worker, 0, Fate::Answered, Reaches::Through))
            {
                self.look();
            }
            self.now += 30;
        }
        // What Rev does late, it has done by now.
        self.now += 1_000;
        self.look();
    }
}

fn nth<T>(all: &mut [T], n: usize) -> Option<&mut T> {
    let count = all.len();
    all.get_mut(n.checked_rem(count)?)
}
