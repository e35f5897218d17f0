export default function Page() {
  return <p>zone</p>;
}
