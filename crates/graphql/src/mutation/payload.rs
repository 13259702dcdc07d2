//! Payload types of mutations.

/// Defines the payload type of a mutation: its own fields, `revision` and `problems`.
macro_rules! payload {
    ($(#[$doc:meta])* $payload:ident { $($record:tt)* }) => {
        #[derive(Debug)]
        pub struct $payload(pub(crate) registry::acts::Outcome);

        $(#[$doc])*
        #[async_graphql::Object]
        impl $payload {
            $($record)*

            /// The revision (数据版本) of this change. When the record already was as requested: the newest revision of
            /// the record. Null when there are problems.
            async fn revision(&self) -> Option<crate::scalar::Revision> {
                self.0.saved.as_ref().map(|saved| crate::scalar::Revision(saved.revision))
            }

            /// Everything that is wrong with the request. When the list is not empty, nothing was written.
            async fn problems(&self) -> Vec<crate::problem::Problem> {
                self.0.problems.iter().cloned().map(crate::problem::Problem).collect()
            }
        }
    };
}
pub(super) use payload;

/// Defines the payload type of a mutation with several inputs.
macro_rules! payload_of_several {
    ($(#[$doc:meta])* $payload:ident of $each:ident) => {
        #[derive(Debug)]
        pub struct $payload(pub(crate) Vec<registry::acts::Outcome>);

        $(#[$doc])*
        #[async_graphql::Object]
        impl $payload {
            /// One result for each entry of the input, in the same order. A refused entry does not stop the others.
            async fn results(&self) -> Vec<$each> {
                self.0.iter().cloned().map($each).collect()
            }

            /// The revision (数据版本) of the last change. Null when nothing was written.
            async fn revision(&self) -> Option<crate::scalar::Revision> {
                self.0.iter().filter_map(|outcome| outcome.saved.as_ref()).map(|saved| saved.revision).max().map(crate::scalar::Revision)
            }

            /// The problems of all entries. Each path begins with the position of the entry in the input, from 0.
            async fn problems(&self) -> Vec<crate::problem::Problem> {
                let at = |(at, outcome): (usize, &registry::acts::Outcome)| {
                    let problems = outcome.problems.iter().cloned();
                    problems
                        .map(|mut problem| {
                            problem.path.insert(0, at.to_string());
                            crate::problem::Problem(problem)
                        })
                        .collect::<Vec<_>>()
                };
                self.0.iter().enumerate().flat_map(at).collect()
            }
        }
    };
}
pub(super) use payload_of_several;
