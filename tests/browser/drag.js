// Drags the start around the plane for some seconds, and gives the times of the frames; the body of a function.
const [seconds, done] = arguments, pad = document.querySelector('[data-part="above"]'), times = [];
const box = pad.getBoundingClientRect();
const send = (type, turn) => pad.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId: 1, isPrimary: true,
  buttons: 1, clientX: box.left + box.width * (0.5 + 0.4 * Math.cos(turn)),
  clientY: box.top + box.height * (0.5 + 0.4 * Math.sin(turn))}));
pad.setPointerCapture = () => {};
send("pointerdown", 0);
const tick = now => {
  times.push(now);
  if (now - times[0] > 1000 * seconds) { send("pointerup", 0); done(times); return; }
  send("pointermove", (now - times[0]) / 700);
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
