using Colony.Integration.Tests;

// The machine has few cores and every test starts several processes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(SmallWorld))]
