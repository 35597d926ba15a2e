// What the pages of reports and of their state load.

import "./report.js";
import "./status.js";
