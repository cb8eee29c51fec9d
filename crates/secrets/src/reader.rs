//! Where secrets are.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{
    Client,
    error::{DisplayErrorContext, SdkError},
};
use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::OnceCell;

/// One attempt, and all of them: a connection to the database waits for 5 s, and the login comes after this.
const ATTEMPT: Duration = Duration::from_millis(1500);
const OPERATION: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 2;

/// A secret could not be read. The words never hold its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Secrets Manager did not answer, or refused.
    #[error("the secret {secret} could not be read: {problem}")]
    Unavailable {
        /// ARN or name.
        secret: String,
        /// What it said.
        problem: String,
    },
    /// It is there and not as it must be.
    #[error("the secret {secret} is not as it must be: {problem}")]
    Unfit {
        /// ARN or name.
        secret: String,
        /// What is missing.
        problem: String,
    },
}

/// Reads secrets.
pub trait Reader: Send + Sync {
    /// The text of a secret's current version.
    fn read<'a>(&'a self, secret: &'a str) -> BoxFuture<'a, Result<String, ReadError>>;
}

/// AWS Secrets Manager, in the region and with the credentials of the environment, as AWS SDKs take them. Made ready with the first
/// reading.
#[derive(Debug, Default)]
pub struct SecretsManager(OnceCell<Client>);

impl SecretsManager {
    async fn client() -> Client {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(ATTEMPT)
                    .operation_attempt_timeout(ATTEMPT)
                    .operation_timeout(OPERATION)
                    .build(),
            )
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .load()
            .await;
        Client::new(&config)
    }
}

impl Reader for SecretsManager {
    fn read<'a>(&'a self, secret: &'a str) -> BoxFuture<'a, Result<String, ReadError>> {
        async move {
            let client = self.0.get_or_init(Self::client).await;
            let answer = client.get_secret_value().secret_id(secret).send().await;
            let answer = answer.map_err(|error| ReadError::Unavailable {
                secret: secret.to_owned(),
                problem: match &error {
                    // The service's own code and words; the rest would be a dump of headers.
                    SdkError::ServiceError(refused) => refused.err().to_string(),
                    other => DisplayErrorContext(other).to_string(),
                },
            })?;
            answer.secret_string.ok_or_else(|| ReadError::Unfit {
                secret: secret.to_owned(),
                problem: "it holds bytes, and must hold text".to_owned(),
            })
        }
        .boxed()
    }
}
