// Owns binding the page of plans to the address bar.
import { addressed, type Change } from "../../state/address";
import { opens, type PlanView, readPlans, writePlans } from "./address";

export type ChangePlans = Change<PlanView>;

export const usePlansView = addressed<PlanView>({ read: readPlans, write: writePlans, opens });
