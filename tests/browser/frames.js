// The times of the frames over some seconds; the body of a function.
const [seconds, done] = arguments, times = [];
const tick = now => { times.push(now); now - times[0] < 1000 * seconds ? requestAnimationFrame(tick) : done(times); };
requestAnimationFrame(tick);
