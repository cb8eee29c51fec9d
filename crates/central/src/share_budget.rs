//! Whose call budget an account shares, put right when somebody finds that the rows of `RevCallBudget` say something else.

use crate::{Central, CentralError, error::CentralError::Server, statement::Statement};

const SHARE_BUDGET: Statement =
    Statement::repeatable("share_budget", include_str!("share_budget.sql"));

/// What a statement answers that works on a budget, when the budget's rows tell another root, or are missing.
const NOT_AS_WRITTEN: u32 = 50_070;

/// How often a statement that met a budget in the middle of a change is run.
const TRIES: u32 = 4;

/// Rev.io's own limits as [`crate::slots::limits`] gives them, for whoever does not know what is configured: the next claim writes that.
pub(crate) const LIMITS_OF_REV: [i32; 3] = [475, 150_000, 10];

/// Whose budget.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BudgetOf {
    /// `Integration_Authentication.id`.
    Account(i32),
    /// The account of this bulk change.
    BulkChange(i64),
}

/// Asks; when the answer is that the budget is not as it is written down, puts that right and asks again.
pub(crate) async fn with_budget<T, Answer>(
    central: &Central,
    of: BudgetOf,
    limits: [i32; 3],
    ask: impl Fn() -> Answer,
) -> Result<T, CentralError>
where
    Answer: Future<Output = Result<T, CentralError>>,
{
    for _ in 1..TRIES {
        match ask().await {
            Err(error) if error.number() == Some(NOT_AS_WRITTEN) || is_made_twice(&error) => {
                share(central, of, limits).await?;
            }
            settled => return settled,
        }
    }
    ask().await
}

async fn share(central: &Central, of: BudgetOf, limits: [i32; 3]) -> Result<(), CentralError> {
    let (account, bulk_change) = match of {
        BudgetOf::Account(account) => (Some(account), None),
        BudgetOf::BulkChange(bulk_change) => (None, Some(bulk_change)),
    };
    let [per_minute, per_day, burst] = limits;
    for _ in 1..TRIES {
        let shared = central
            .query(
                &SHARE_BUDGET,
                &[&account, &bulk_change, &per_minute, &per_day, &burst],
            )
            .await;
        match shared {
            Err(error) if is_made_twice(&error) => {}
            settled => return settled.map(|_| ()),
        }
    }
    Ok(())
}

/// Two first calls of an account at once: both insert its row, one gets 2627 and finds it there then.
fn is_made_twice(error: &CentralError) -> bool {
    matches!(
        error,
        Server { number: 2627, message, .. } if message.contains("PK_RevCallBudget")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_second_row_of_a_budget_is_made_twice() {
        let refused = |number, message: &str| Server {
            statement: "share_budget",
            number,
            message: message.to_owned(),
        };
        let of_the_key = "Violation of PRIMARY KEY constraint 'PK_RevCallBudget'.";
        assert!(is_made_twice(&refused(2627, of_the_key)));
        assert!(!is_made_twice(&refused(2601, of_the_key)));
        assert!(!is_made_twice(&refused(
            2627,
            "Violation of UNIQUE KEY constraint 'UQ_Other'."
        )));
    }
}
