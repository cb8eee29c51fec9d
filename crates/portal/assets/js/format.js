/**
 * Numbers, sizes and moments as people read them. Pure. Moments come as RFC 3339 in UTC and are shown in the browser's time zone;
 * days (`yyyy-MM-dd`) are days everywhere.
 */
const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric" });
const UTC_DAY = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

/** What stands where there is nothing. */
export const NOTHING = "–";

/** 12345 as "12,345". */
export function number(value) {
  return value === null || value === undefined ? NOTHING : WHOLE.format(value);
}

/** "1 device", "2 devices"; `many` when an s is not enough. */
export function count(value, one, many = `${one}s`) {
  return `${WHOLE.format(value)} ${value === 1 ? one : many}`;
}

/** 1536 as "1.5 KB". */
export function bytes(value) {
  if (value === null || value === undefined) return NOTHING;
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${SHORT.format(size)} ${unit === 0 && size === 1 ? "byte" : UNITS[unit]}`;
}

/** All months with three letters, so that columns of dates line up. */
function short(text) {
  return text.replace("Sept", "Sep");
}

/** "23 Nov 2026"; a text without a time is a day, and no time zone moves it. */
export function date(value) {
  if (!value) return NOTHING;
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime())) return String(value);
  return short((value.length === 10 ? UTC_DAY : DAY).format(moment));
}

/** "23 Nov 2026, 14:05". */
export function dateTime(value) {
  if (!value) return NOTHING;
  const moment = new Date(value);
  return Number.isNaN(moment.getTime()) ? String(value) : short(MOMENT.format(moment));
}

/** "14:05" today, date and time on other days. */
export function soon(value, now = new Date()) {
  const moment = new Date(value);
  return moment.toDateString() === now.toDateString() ? TIME.format(moment) : short(MOMENT.format(moment));
}

/** 95 minutes as "1 h 35 min". */
export function minutes(value) {
  if (value === null || value === undefined) return NOTHING;
  if (value < 1) return "less than a minute";
  if (value < 60) return count(value, "minute");
  const days = Math.floor(value / 1440);
  const hours = Math.floor((value % 1440) / 60);
  const rest = value % 60;
  const parts = [days > 0 ? count(days, "day") : "", hours > 0 ? `${hours} h` : "", days === 0 && rest > 0 ? `${rest} min` : ""];
  return parts.filter((part) => part !== "").join(" ");
}
