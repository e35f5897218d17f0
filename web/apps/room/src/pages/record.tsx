export default function Page() {
  return <p>record</p>;
}
