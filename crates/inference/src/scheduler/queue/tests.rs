use super::*;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn run<J>(next: Next<J>) -> Running<J> {
    match next {
        Next::Run(running) => running,
        Next::Shed(_) => panic!("shed"),
        Next::Idle => panic!("idle"),
    }
}

#[test]
fn bands_rank_first_and_deadlines_within_them() {
    let mut queue = Queue::new(8);
    for (class, deadline) in [
        (Class::PartialTranscript, 1),
        (Class::Vitals, 2),
        (Class::LaterSynthesis, 50),
        (Class::FinalTranscript, 40),
        (Class::EndOfTurn, 60),
        (Class::SpeechDetection, 100),
    ] {
        queue.submit(ms(0), class, ms(deadline), class);
    }
    let order: Vec<_> = (0..6).map(|_| run(queue.next(ms(0), Lane::Any)).job).collect();
    assert_eq!(
        order,
        [
            Class::SpeechDetection,
            Class::FinalTranscript,
            Class::LaterSynthesis,
            Class::EndOfTurn,
            Class::Vitals,
            Class::PartialTranscript,
        ]
    );
}

#[test]
fn equal_deadlines_go_in_order_of_submission() {
    let mut queue = Queue::new(8);
    for job in 0..3 {
        queue.submit(ms(0), Class::EndOfTurn, ms(5), job);
    }
    let order: Vec<_> = (0..3).map(|_| run(queue.next(ms(0), Lane::Any)).job).collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn the_reflex_lane_takes_speech_detection_alone() {
    let mut queue = Queue::new(8);
    queue.submit(ms(0), Class::FinalTranscript, ms(1), "final");
    assert!(matches!(queue.next(ms(0), Lane::Reflex), Next::Idle));
    queue.submit(ms(0), Class::SpeechDetection, ms(9), "window");
    assert_eq!(run(queue.next(ms(0), Lane::Reflex)).job, "window");
}

#[test]
fn a_late_partial_is_shed_even_between_steps_and_a_late_final_is_not() {
    let mut queue = Queue::new(8);
    queue.submit(ms(0), Class::PartialTranscript, ms(10), "partial");
    queue.submit(ms(0), Class::FinalTranscript, ms(10), "final");
    let running = run(queue.next(ms(50), Lane::Any));
    assert_eq!(running.job, "final");
    assert_eq!(queue.finish(ms(60), running).1.late, ms(50));
    assert!(matches!(queue.next(ms(60), Lane::Any), Next::Shed("partial")));

    queue.submit(ms(60), Class::PartialTranscript, ms(100), "begun");
    let running = run(queue.next(ms(60), Lane::Any));
    queue.put_back(ms(101), running);
    assert!(matches!(queue.next(ms(101), Lane::Any), Next::Shed("begun")));
    assert_eq!(queue.metrics(Class::PartialTranscript).shed, 2);
    assert_eq!(queue.metrics(Class::FinalTranscript).late, 1);
}

#[test]
fn a_full_queue_refuses_or_drops_the_oldest_as_its_class_says() {
    let mut queue = Queue::new(2);
    for (job, deadline) in [(0, 10), (1, 20)] {
        queue.submit(ms(0), Class::FinalTranscript, ms(deadline), job);
        queue.submit(ms(0), Class::PartialTranscript, ms(deadline), job);
    }
    assert!(matches!(
        queue.submit(ms(0), Class::FinalTranscript, ms(5), 2),
        Admission::Refused(2)
    ));
    let Admission::Evicted { oldest: 0, .. } = queue.submit(ms(0), Class::PartialTranscript, ms(30), 2)
    else {
        panic!("the oldest partial should have made room");
    };
    assert_eq!(queue.metrics(Class::FinalTranscript).refused, 1);
    assert_eq!(queue.metrics(Class::PartialTranscript).evicted, 1);
    assert_eq!(queue.metrics(Class::PartialTranscript).waiting, 2);
}

#[test]
fn time_in_steps_is_counted_apart_from_time_between_them() {
    let mut queue = Queue::new(8);
    queue.submit(ms(0), Class::FinalTranscript, ms(100), ());
    let running = run(queue.next(ms(5), Lane::Any));
    queue.put_back(ms(12), running);
    let running = run(queue.next(ms(30), Lane::Any));
    let ((), timing) = queue.finish(ms(33), running);
    assert_eq!(
        timing,
        Timing {
            wait: ms(5),
            busy: ms(10),
            late: ms(0)
        }
    );
}

#[test]
fn a_cancelled_job_leaves_the_queue_and_a_running_one_does_not() {
    let mut queue = Queue::new(8);
    let Admission::Admitted(ticket) = queue.submit(ms(0), Class::EndOfTurn, ms(9), "job") else {
        panic!("there was room");
    };
    assert_eq!(queue.cancel(ticket), Some("job"));
    assert_eq!(queue.cancel(ticket), None);
    let Admission::Admitted(ticket) = queue.submit(ms(0), Class::EndOfTurn, ms(9), "job") else {
        panic!("there was room");
    };
    let running = run(queue.next(ms(1), Lane::Any));
    assert_eq!(queue.cancel(ticket), None);
    queue.give_up(running, GivenUp::Cancelled);
    assert_eq!(queue.metrics(Class::EndOfTurn).cancelled, 2);
}

#[test]
fn a_held_job_starts_when_it_may_or_is_released() {
    let mut queue = Queue::new(8);
    let tickets = ["first", "second", "third"].map(|job| {
        let Admission::Admitted(ticket) = queue.submit(ms(0), Class::SpeechDetection, ms(30), job) else {
            panic!("no room")
        };
        queue.hold(ticket, ms(4));
        ticket
    });
    assert!(matches!(queue.next(ms(3), Lane::Reflex), Next::Idle));
    assert_eq!(queue.held_until(), Some(ms(4)));
    queue.release(tickets[1]);
    assert_eq!(run(queue.next(ms(3), Lane::Any)).job, "second");
    assert_eq!(queue.cancel(tickets[0]), Some("first"));
    assert!(matches!(queue.next(ms(3), Lane::Any), Next::Idle));
    assert_eq!(run(queue.next(ms(4), Lane::Any)).job, "third");
    assert_eq!(queue.held_until(), None);
}
