//! One classifier shared by the threads of a service, each answering requests from a queue.
//!
//!     cargo run --release -p bellwether-examples --example service

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use bellwether::{Category, Classifier, Error};
use bellwether_examples::shipped_model;

/// A text that somebody wants looked at, and where the answer goes.
struct Request {
    text: String,
    answer: mpsc::Sender<Result<Vec<Category>, Error>>,
}

fn main() -> Result<(), Error> {
    let classifier = Arc::new(Classifier::open(shipped_model())?);
    let (requests, queue) = mpsc::channel::<Request>();
    let queue = Arc::new(Mutex::new(queue));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (classifier, queue) = (Arc::clone(&classifier), Arc::clone(&queue));
            thread::spawn(move || {
                // The lock is held to take a request, not to answer it.
                while let Ok(request) = { queue.lock().expect("no worker panics with the lock held").recv() } {
                    let labels = classifier.classify(&request.text).map(|result| result.labels().to_vec());
                    // Whoever asked may have gone.
                    let _ = request.answer.send(labels);
                }
            })
        })
        .collect();

    for text in ["The parish sells cake on Sunday.", "Join the armed fight of the Hill Front, brothers.", " "] {
        let (answer, answers) = mpsc::channel();
        requests.send(Request { text: text.to_owned(), answer }).expect("the workers are there");
        match answers.recv().expect("a worker answers") {
            Ok(labels) => println!("{text:?}: {labels:?}"),
            Err(error) if error.is_empty_text() => println!("{text:?}: nothing to read"),
            Err(error) => return Err(error),
        }
    }
    drop(requests);
    for worker in workers {
        worker.join().expect("no worker panics");
    }
    Ok(())
}
