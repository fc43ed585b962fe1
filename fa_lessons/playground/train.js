// The worker's own file.

import { listen } from "./worker.js";

listen(self);
