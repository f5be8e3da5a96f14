// `handover` prints what the machine takes to wake another thread and be woken by it, in microseconds.
print(Handover.medianRoundTrip(rounds: 20_000) / .microseconds(1))
