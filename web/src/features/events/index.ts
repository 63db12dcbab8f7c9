export { DeadLettersPage } from "./dead-letters";
export { EventPage } from "./event-page";
export { EventsPage } from "./page";
