import { useCan } from "@/lib/api/me";
import { useList } from "@/lib/api/resources";

/** Returns the name of the member with an email address; of others, and without the permission to list members, null. */
export function useMemberNames(): (email: string) => string | null {
  const { items = [] } = useList("member", {}, { enabled: useCan()("member:list") });
  return (email) => items.find((member) => member.email === email)?.name || null;
}

/** The person or the API key that saved something: a member's name, with the address on hover. */
export function Author({ by }: { by: string }) {
  const name = useMemberNames()(by);
  return <span title={name === null ? undefined : by}>{name ?? by}</span>;
}
