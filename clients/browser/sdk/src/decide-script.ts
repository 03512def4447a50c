/** What `spindel-decide.js` is: the part of the script that pages with places load besides. */
export { decide, fill } from "./decide.js";
