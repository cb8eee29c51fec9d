//! How to use it.

const ALL: &str = "\
What people do by hand: settle reviews, pause and resume a Rev account, see what happened to one device, send back messages that
were given up.

Usage: ops COMMAND [options]

  reviews            the changes that wait for a person
  settle CHANGE...   decides about changes in review
  show ICCID         what happened to one device
  account ACCOUNT    whether Rev.io may be called for a billing account, and what waits for it
  pause ACCOUNT      nobody calls Rev.io for it
  resume ACCOUNT     it is called again
  dead-letters       the messages that were given up
  redrive            sends them back to the queue
  help [COMMAND]     more about a command

CENTRAL_CONNECTION_STRING names the database (ADO form); CENTRAL_CA_FILE is a PEM file with the certificate authorities of the
database, where the system does not know them (Amazon RDS). dead-letters and redrive take QUEUE_URL and DEAD_LETTER_QUEUE_URL (outputs
of the stack) and AWS credentials instead. settle, pause, resume and redrive write nothing without --apply: they say what they
would do. ACCOUNT is an Integration_Authentication id. Times are UTC.

Exit codes: 0 done, or nothing to do; 1 refused or failed; 2 the command line is wrong; 3 no such change, account, device or
message.";

const REVIEWS: &str = "\
Lists the changes that wait for a person, the oldest first.

Usage: ops reviews [--tenant N] [--limit N] [--json]

  --tenant N   of this tenant only
  --limit N    at most so many (default 200)
  --json       for programs

`ended` marks changes that have ended, and for which a service line too many became known: see to it at Rev.io, then
`ops settle CHANGE --acknowledge`.";

const SETTLE: &str = "\
Decides about changes that wait for a person. Look at Rev.io first: a line of a change has a description that ends with the
change's reference (AMOP-<change>). ops does not ask Rev.io.

Usage: ops settle CHANGE --adopt LINE_ID --reason TEXT [--by NAME] [--apply]
       ops settle CHANGE... (--not-created | --give-up | --acknowledge) --reason TEXT [--by NAME] [--apply]

  --adopt LINE_ID  the line with this id at Rev.io is the change's: the device is handed over, nothing is sent to Rev.io
  --not-created    no line of it is at Rev.io: it is sent again, with the same reference
  --give-up        it ends as it stands; the device is free for new requests. A line that is known must be disconnected at Rev.io
  --acknowledge    for changes that have ended: somebody saw to the line too many
  --reason TEXT    why; kept in DeviceBulkChangeLog. With --give-up whoever asked for the change reads it too
  --by NAME        who (default: the user of this machine)
  --apply          do it; without it nothing is written

--not-created and --give-up are refused for 15 minutes after the last call: it may still arrive. Of several changes, none is
settled when one of them cannot be. The same again does no harm.";

const PAUSE: &str = "\
Lets nobody call Rev.io for a billing account, and for all accounts that are one at Rev.io. Nothing fails: work waits.

Usage: ops pause ACCOUNT [--for LENGTH | --until MOMENT] --reason TEXT [--by NAME] [--apply]

  --for LENGTH    45s, 90m, 2h or 3d
  --until MOMENT  2026-11-24T08:00Z
                  without one of them: until somebody resumes it
  --reason TEXT   why; kept in RevAccountAction
  --by NAME       who (default: the user of this machine)
  --apply         do it; without it nothing is written

Calls that are in the air, and those whose slots were handed out (20 s at most), end by themselves. A pause that Rev.io asked for is
not made shorter.";

const RESUME: &str = "\
Lets Rev.io be called for a billing account again, whoever had paused it. What Rev.io itself asked for stays.

Usage: ops resume ACCOUNT [--also-rev] [--also-stopped] [--reason TEXT] [--by NAME] [--apply]

  --also-rev      ends the pause that Rev.io asked for, too
  --also-stopped  the next try of a stopped account is due now, instead of within five minutes
  --reason TEXT   why; kept in RevAccountAction
  --by NAME       who (default: the user of this machine)
  --apply         do it; without it nothing is written

A reduced rate is not touched: it recovers by 5 % of the limit a minute.";

const ACCOUNT: &str = "\
Shows whether Rev.io may be called for a billing account: rate, pause and by whom, stop and why, call slots taken today, what waits.

Usage: ops account ACCOUNT [--json]";

const SHOW: &str = "\
Shows what happened to one device: whose it is, its newest changes and how they stand, and everything that was logged, in order.

Usage: ops show ICCID [--tenant N] [--limit N] [--json]

  --tenant N   of this tenant only
  --limit N    at most so many changes (default 20)
  --json       for programs, with requests and answers of Rev.io in full";

const DEAD_LETTERS: &str = "\
Lists the messages that were given up after 20 tries, the longest waiting first: what each names, or why nobody can read it.

Usage: ops dead-letters [--limit N] [--json]

  --limit N    at most so many (default 1000)
  --json       for programs

QUEUE_URL and DEAD_LETTER_QUEUE_URL name the queues (outputs QueueUrl and DeadLetterQueueUrl of the stack); region and credentials are
taken as the AWS command line takes them from its variables. A look counts as a receive. What is stopped in between leaves messages
hidden for five minutes.";

const REDRIVE: &str = "\
Sends messages that were given up back to the queue, with everything that they had, and removes them from the dead letter queue. Mend
first what they failed for: after 20 more tries they come back.

Usage: ops redrive (MESSAGE_ID... | --all) [--apply]

  --all        all that can be seen, 2000 at most: run it again for more
  --apply      do it; without it nothing is sent

Stopped in between, and run again, it loses nothing: a message may then be in both queues, which is harmless, because the work that it
names is done once. QUEUE_URL and DEAD_LETTER_QUEUE_URL as for dead-letters.";

/// The help of a command, or of all.
pub(crate) fn of(command: Option<&str>) -> &'static str {
    match command {
        Some("reviews") => REVIEWS,
        Some("settle") => SETTLE,
        Some("pause") => PAUSE,
        Some("resume") => RESUME,
        Some("account") => ACCOUNT,
        Some("show") => SHOW,
        Some("dead-letters") => DEAD_LETTERS,
        Some("redrive") => REDRIVE,
        _ => ALL,
    }
}
