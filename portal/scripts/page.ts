// What the report page loads.

import "./report.js";
