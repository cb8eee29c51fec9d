/**
 * /M2M/DeviceDetails/{deviceId}: one device.
 */
import { h } from "../dom.js";
import { start } from "../frame.js";

await start((main) => main.append(h("h1", {}, "Device")));
