/** Quiet hours that never hold: they make a delivery to an inbox here one that a worker takes from the queue. */
export const FOR_A_WORKER = { quietHours: { from: '00:00', to: '00:00', passedFrom: 0 } } as const
