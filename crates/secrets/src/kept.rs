//! A secret in the hands of an instance: read once, and again when what it said was refused.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};

use crate::reader::{ReadError, Reader};

/// A refusal within this time after a reading is not answered by another one: whoever has a wrong secret would ask for it with each
/// connection.
const PACE: Duration = Duration::from_secs(5);

/// A secret of one form.
pub struct Kept<T> {
    reader: Arc<dyn Reader>,
    secret: String,
    parse: fn(&str) -> Result<T, String>,
    /// One reading at a time: whoever waited finds it done.
    known: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone + PartialEq> Kept<T> {
    /// Reads nothing yet. `parse` tells what is wrong without repeating it.
    pub fn new(
        reader: Arc<dyn Reader>,
        secret: impl Into<String>,
        parse: fn(&str) -> Result<T, String>,
    ) -> Self {
        Self {
            reader,
            secret: secret.into(),
            parse,
            known: Mutex::new(None),
        }
    }

    /// What the secret says. When that is what was `refused`, it is read again, unless that was done within the last 5 s.
    ///
    /// # Errors
    /// It cannot be read, or is of another form; what was known before stays known.
    pub async fn get(&self, refused: Option<&T>) -> Result<T, ReadError> {
        let mut known = self.known.lock().await;
        if let Some((read, value)) = &*known
            && (refused != Some(value) || read.elapsed() < PACE)
        {
            return Ok(value.clone());
        }
        let again = known.is_some();
        let text = self.reader.read(&self.secret).await.inspect_err(|error| {
            let error = central::masked(&error.to_string());
            tracing::warn!(secret = self.secret, error, "secret not read");
        })?;
        let value = (self.parse)(&text).map_err(|problem| ReadError::Unfit {
            secret: self.secret.clone(),
            problem,
        })?;
        tracing::info!(secret = self.secret, again, "secret read");
        *known = Some((Instant::now(), value.clone()));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{FutureExt as _, future::BoxFuture, future::join_all};

    use super::*;

    /// Says 1, 2, 3 and so on, or fails.
    #[derive(Default)]
    struct Counting {
        readings: AtomicUsize,
        fails: std::sync::atomic::AtomicBool,
    }

    impl Reader for Counting {
        fn read<'a>(&'a self, secret: &'a str) -> BoxFuture<'a, Result<String, ReadError>> {
            async move {
                tokio::task::yield_now().await;
                if self.fails.load(Ordering::SeqCst) {
                    return Err(ReadError::Unavailable {
                        secret: secret.to_owned(),
                        problem: "away".to_owned(),
                    });
                }
                Ok((self.readings.fetch_add(1, Ordering::SeqCst) + 1).to_string())
            }
            .boxed()
        }
    }

    fn kept() -> (Arc<Counting>, Kept<u32>) {
        let reader = Arc::new(Counting::default());
        let parse = |text: &str| text.parse().map_err(|_| "no number".to_owned());
        (Arc::clone(&reader), Kept::new(reader, "fake", parse))
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_read_once_however_many_ask() {
        let (reader, kept) = kept();
        let all = join_all((0..20).map(|_| kept.get(None))).await;
        assert!(all.into_iter().all(|value| value == Ok(1)));
        tokio::time::advance(Duration::from_hours(24)).await;
        assert_eq!(kept.get(None).await, Ok(1));
        assert_eq!(reader.readings.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_answered_by_one_reading() {
        let (reader, kept) = kept();
        assert_eq!(kept.get(None).await, Ok(1));
        tokio::time::advance(PACE).await;
        let all = join_all((0..20).map(|_| kept.get(Some(&1)))).await;
        assert!(all.into_iter().all(|value| value == Ok(2)));
        // The newer one is refused as well: no reading with every attempt.
        assert_eq!(kept.get(Some(&2)).await, Ok(2));
        assert_eq!(reader.readings.load(Ordering::SeqCst), 2);
        tokio::time::advance(PACE).await;
        assert_eq!(kept.get(Some(&2)).await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_refused_with_what_is_known_no_longer_gets_what_is_known_now() {
        let (reader, kept) = kept();
        assert_eq!(kept.get(None).await, Ok(1));
        tokio::time::advance(PACE).await;
        assert_eq!(kept.get(Some(&1)).await, Ok(2));
        tokio::time::advance(PACE).await;
        // A connection that began before the others: the newer one was not refused.
        assert_eq!(kept.get(Some(&1)).await, Ok(2));
        assert_eq!(reader.readings.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_known_outlives_a_reading_that_fails() {
        let (reader, kept) = kept();
        assert_eq!(kept.get(None).await, Ok(1));
        tokio::time::advance(PACE).await;
        reader.fails.store(true, Ordering::SeqCst);
        assert!(kept.get(Some(&1)).await.is_err());
        assert_eq!(kept.get(None).await, Ok(1));
    }
}
