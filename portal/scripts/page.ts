import "./report.js";
import "./status.js";
