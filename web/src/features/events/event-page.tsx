import { useParams } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { usePageTitle } from "../../lib/page-title";
import { useView } from "../../lib/view";
import { Detail } from "./detail";
import "./events.css";

export function EventPage() {
  const { requestId = "" } = useParams({ strict: false });
  const [view] = useView();
  usePageTitle(requestId);
  return (
    <div className="page">
      <div>
        <p className="small">
          <Link to="/events" search={view}>
            Events
          </Link>
        </p>
        <h1 className="breakable">{requestId}</h1>
      </div>
      <div className="card card-pad event-card">
        <Detail requestId={requestId} deploymentId={view.deployment} />
      </div>
    </div>
  );
}
